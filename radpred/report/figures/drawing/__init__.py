"""What every figure is drawn with: canvas, colours, SVG."""
