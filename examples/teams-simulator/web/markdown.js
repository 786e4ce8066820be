// Markdown as a Teams chat shows it, built as DOM nodes: text from outside never becomes markup.

const item = /^\s*(?:([-*+])|(\d{1,3})[.)])\s+(.*)$/;
const quote = /^\s*>\s?(.*)$/;
const fence = /^\s*```/;

/** The text as a fragment to be put into a bubble. */
export function markdown(text) {
  const out = document.createDocumentFragment();
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  let paragraph = [];
  const flush = () => {
    if (paragraph.length) out.append(element('p', inline(paragraph.join('\n'))));
    paragraph = [];
  };
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    if (fence.test(line)) {
      flush();
      const code = [];
      while (++i < lines.length && !fence.test(lines[i])) code.push(lines[i]);
      out.append(element('pre', element('code', code.join('\n'))));
    } else if (item.test(line)) {
      flush();
      const ordered = item.exec(line)[2];
      const list = element(ordered ? 'ol' : 'ul');
      if (ordered) list.start = Number(ordered);
      for (let found; (found = item.exec(lines[i] ?? '')) && !found[1] === !!ordered; i++) {
        list.append(element('li', inline(found[3])));
      }
      i--;
      out.append(list);
    } else if (quote.test(line)) {
      flush();
      const quoted = [];
      for (let found; (found = quote.exec(lines[i] ?? '')); i++) quoted.push(found[1]);
      i--;
      out.append(element('blockquote', inline(quoted.join('\n'))));
    } else if (line.trim() === '') {
      flush();
    } else {
      paragraph.push(line);
    }
  }
  flush();
  return out;
}

/** Text that is not Markdown: lines are kept and addresses can be followed, nothing else. */
export function plain(text) {
  return element('p', inline(text.replace(/\r\n?/g, '\n'), [address]));
}

const address = {
  at: /https?:\/\/[^\s<>"]+/iy,
  node: ([found]) => {
    // A sentence's punctuation, or the bracket around an address, is not part of it.
    let url = found.replace(/[.,;:!?'*_~]+$/, '');
    if (url.endsWith(')') && !url.includes('(')) url = url.slice(0, -1);
    return [link(url, url), url.length];
  },
};

const span = (tag) => ([found, inner]) => [element(tag, inline(inner)), found.length];

const rules = [
  { at: /\\([!-/:-@[-`{-~])/y, node: ([found, char]) => [char, found.length] },
  { at: /`([^`\n]+)`/y, node: ([found, code]) => [element('code', code), found.length] },
  {
    at: /\[([^\]\n]+)\]\(\s*(https?:\/\/[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)\s*\)/iy,
    node: ([found, text, url]) => [link(url, inline(text, rules.filter((rule) => !rule.links))), found.length],
    links: true,
  },
  { ...address, links: true },
  { at: /\*\*(?=\S)((?:[^*]|\*(?!\*))*?\S)\*\*/y, node: span('strong') },
  { at: /__(?=\S)((?:[^_]|_(?!_))*?\S)__(?!\w)/y, node: span('strong'), atWordStart: true },
  { at: /\*(?=[^\s*])([^*\n]*?[^\s*])\*(?!\*)/y, node: span('em') },
  { at: /_(?=[^\s_])([^_\n]*?[^\s_])_(?!\w)/y, node: span('em'), atWordStart: true },
  { at: /~~(?=\S)([^~\n]+?\S?)~~/y, node: span('s') },
];

function inline(text, allowed = rules) {
  const out = document.createDocumentFragment();
  let literal = '';
  const flush = () => {
    if (literal) out.append(literal);
    literal = '';
  };
  for (let i = 0; i < text.length; ) {
    if (text[i] === '\n') {
      flush();
      out.append(element('br'));
      i++;
      continue;
    }
    const met = /[\\`[*_~h]/i.test(text[i]) && meet(text, i, allowed);
    if (met) {
      flush();
      out.append(met[0]);
      i += met[1];
    } else {
      literal += text[i++];
    }
  }
  flush();
  return out;
}

function meet(text, i, allowed) {
  const inWord = i > 0 && /\w/.test(text[i - 1]);
  for (const rule of allowed) {
    if (rule.atWordStart && inWord) continue;
    rule.at.lastIndex = i;
    const found = rule.at.exec(text);
    if (found) return rule.node(found);
  }
  return null;
}

function link(url, content) {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) return content;
  const anchor = element('a', content);
  anchor.href = parsed.href;
  anchor.target = '_blank';
  anchor.rel = 'noopener noreferrer';
  return anchor;
}

function element(tag, ...content) {
  const made = document.createElement(tag);
  made.append(...content);
  return made;
}
