export function startMaps(_root: ParentNode): void {}
