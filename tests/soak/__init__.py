"""`make soak`: mixed traffic for some minutes while things fail; what was acknowledged and not answered, lost or doubled?"""
