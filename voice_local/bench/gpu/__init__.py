"""Full-size models with random weights, made on the spot, and what a card takes to run the `gpu`
profile over them."""
