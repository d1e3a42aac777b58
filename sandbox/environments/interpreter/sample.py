print("It works")
