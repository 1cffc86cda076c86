/** Where the choice of theme is kept. */
export const themeKey = 'boathouse-theme';

/** Runs before the first paint, so that no page flashes in the wrong theme. */
export const themeScript = `(function(){var c=null;try{c=localStorage.getItem('${themeKey}')}catch(e){}var d=c==='dark'||(c!=='light'&&matchMedia('(prefers-color-scheme: dark)').matches);document.documentElement.dataset.theme=d?'dark':'light'})()`;
