"""What does the schema show of each record?"""
