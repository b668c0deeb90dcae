<?php
use PHPUnit\Framework\TestCase;
final class LoadTest extends NoSuchClassOfOurs { public function testA(): void {} }
