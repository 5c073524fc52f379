import ArgumentParser

print("halley-echo")
