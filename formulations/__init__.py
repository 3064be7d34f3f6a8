"""What is optimised: validated data, explicit models and the evaluator of each problem."""

from formulations.runtime.moved import name_new_modules

name_new_modules()
