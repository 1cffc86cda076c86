import { expect, type Locator, type Page } from '@playwright/test';

/** The cells of the notebook on screen, in order. */
export const cells = (page: Page): Locator => page.locator('[data-cell]');
export const cell = (page: Page, index: number): Locator => cells(page).nth(index);

/** Puts text into a cell's editor as a person types it. */
export async function typeInto(page: Page, target: Locator, text: string): Promise<void> {
  await target.locator('.monaco-editor').waitFor();
  await target.locator('.monaco-editor .view-lines').click();
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
}

/** Runs the cell with the keyboard and waits for its end. */
export async function runCell(
  page: Page,
  target: Locator,
  expected: 'succeeded' | 'failed' = 'succeeded',
): Promise<void> {
  await target.locator('.monaco-editor .view-lines').click();
  await page.keyboard.press('Control+Enter');
  await expect(target).toHaveAttribute('data-status', expected, { timeout: 20_000 });
}

export async function newNotebook(page: Page): Promise<void> {
  await page.goto('/');
  await page.getByRole('button', { name: /^New notebook/ }).click();
  await page.waitForURL(/\/notebook\//);
  await cell(page, 0).locator('.monaco-editor').waitFor();
}

/** Text of a cell of the result grid; row and column count from 0. */
export const gridCell = (target: Locator, row: number, column: number): Locator =>
  target.locator(`[role=row][aria-rowindex="${row + 2}"] [role=gridcell][aria-colindex="${column + 1}"]`);
