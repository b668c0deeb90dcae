from larder.shelf import Shelf


def test_total_adds_up():
    shelf = Shelf()
    shelf.add("flour", "1 kg")
    shelf.add("flour", "2 kg")
    shelf.add("rice", "5 kg")
    assert shelf.total("flour") == 3.0


def test_nothing_there():
    assert Shelf().total("salt") == 0
