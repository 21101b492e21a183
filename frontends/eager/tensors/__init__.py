"""What a tensor is: a storage, a view of it, how it prints, and its methods."""
