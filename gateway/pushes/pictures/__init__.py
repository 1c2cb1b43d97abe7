"""Pictures that go with pushes: taken in, fetched from inside, shown by signed links."""
