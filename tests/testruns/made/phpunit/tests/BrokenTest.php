<?php
use PHPUnit\Framework\TestCase;

final class BrokenTest extends TestCase
{
    public static function setUpBeforeClass(): void { throw new RuntimeException('set-up'); }
    public function testIsNotReached(): void { $this->assertTrue(true); }
}
