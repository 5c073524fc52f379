import ArgumentParser

print("halleyd")
