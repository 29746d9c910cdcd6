// What index.d.ts declares, read as text: its classes with their members, its interfaces with their
// fields. Knows the few forms that file is written in.

// Names of the members of each class that are not static, by class.
export function classes(text) {
  return Object.fromEntries(
    blocks(text, /^export class (\w+).*? \{$/).map(([name, lines]) => {
      const members = lines.map((line) => /^ {2}(?:readonly )?(\w+)[(:]/.exec(line)?.[1]);
      return [name, members.filter(Boolean)];
    }),
  );
}

// Each field's type and whether it may be missing, by interface.
export function interfaces(text) {
  return Object.fromEntries(
    blocks(text, /^export interface (\w+) \{$/).map(([name, lines]) => {
      const fields = lines.map((line) => /^ {2}(\w+)(\??): (.*);$/.exec(line)).filter(Boolean);
      const described = fields.map(([, field, mark, type]) => {
        return [field, { type, isOptional: mark === '?' }];
      });
      return [name, Object.fromEntries(described)];
    }),
  );
}

// The lines between each line that begins a block and the brace that ends it.
function blocks(text, begins) {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    const found = begins.exec(line);
    return found ? [[found[1], lines.slice(index + 1, lines.indexOf('}', index))]] : [];
  });
}
