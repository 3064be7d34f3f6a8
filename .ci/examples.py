"""Run the examples of every public name of the installed package, in the folder where this is called."""

import doctest
import importlib
import inspect
import sys
from importlib.util import find_spec

import diffload

items = [getattr(diffload, name) for name in diffload.__all__]
items += [getattr(diffload.plot, name) for name in diffload.plot.__all__]
if find_spec("distributed") is None:  # of the extra sweep
    items.remove(diffload.solve_sharded)
runner = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
for item in items:
    module = item if inspect.ismodule(item) else importlib.import_module(item.__module__)
    for test in doctest.DocTestFinder(recurse=not inspect.ismodule(item)).find(item, module=module):
        runner.run(test)
print(runner.summarize())
sys.exit(1 if runner.failures or not runner.tries else 0)
