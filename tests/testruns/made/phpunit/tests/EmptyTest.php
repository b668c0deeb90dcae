<?php
use PHPUnit\Framework\TestCase;
final class EmptyTest extends TestCase { }
