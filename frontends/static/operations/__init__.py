"""The operations by family, each with its lowering to the IR and its functions of the API."""
