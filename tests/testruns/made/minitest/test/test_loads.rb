require "minitest/autorun"
raise LoadError, "no such thing"
