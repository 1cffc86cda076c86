/** Every route of the API, one file per area. A route that is not here does not exist. */
export {};
