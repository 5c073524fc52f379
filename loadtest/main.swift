import ArgumentParser

print("halley-load")
