"""The output formats: one module each with render(report) -> str, found by walking this package."""
