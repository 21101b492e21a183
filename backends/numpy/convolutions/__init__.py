"""Ways to take a convolution as matrix products, each a plan that is made once for given shapes."""
