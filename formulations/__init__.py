"""What is optimised: validated data, explicit models and the evaluator of each problem."""
