"""Who asks for what, and how is the answer fetched?"""
