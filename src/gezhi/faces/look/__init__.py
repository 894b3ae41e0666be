"""What all pages share: base templates, styles, icons, map pictures, template tags."""
