// Says at the end where the pictures are: of the pages, and of what failed.
export default function left() {
  console.log(`\nPictures of the pages, and of what failed: ${process.env.HANDOVER_BROWSER_OUT}\n`);
}
