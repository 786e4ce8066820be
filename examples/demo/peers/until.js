// Waiting for a condition, and nothing but a condition.

/** Asks until the answer is neither empty nor false, and returns it. A question that fails is asked again. */
export async function until(what, ask, ms = 20_000) {
  const deadline = Date.now() + ms;
  let last;
  while (Date.now() < deadline) {
    try {
      const answer = await ask();
      if (answer) return answer;
      last = undefined;
    } catch (error) {
      if (/stopped at once/.test(error.message)) throw error;
      last = error;
    }
    await new Promise((again) => setTimeout(again, 25));
  }
  throw new Error(`Not within ${ms} ms: ${what}`, { cause: last });
}
