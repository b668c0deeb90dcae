import pytest
from larder.amounts import Amount, parse_amount


def test_a_whole_number_with_a_unit():
    assert parse_amount("2 kg") == Amount(2.0, "kg")


def test_a_fraction():
    assert parse_amount("1/2 l") == Amount(0.5, "l")


def test_things_that_are_counted():
    assert parse_amount("3") == Amount(3.0, "")


def test_no_number():
    with pytest.raises(ValueError, match="number"):
        parse_amount("")
