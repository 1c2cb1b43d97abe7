"""What a stand is loaded with: callbacks, pushes, slow connections, hostile requests."""
