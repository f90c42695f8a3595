"""How does a person explore the API in a browser?"""
