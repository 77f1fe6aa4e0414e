// The public surface of `import … from "polylogue"`, written by hand.
export {};
