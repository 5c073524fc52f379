import ArgumentParser

print("halleyctl")
