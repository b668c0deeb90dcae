<?php
use PHPUnit\Framework\TestCase;

final class ProviderTest extends TestCase
{
    /** @dataProvider cases */
    public function testCases(int $a): void { $this->assertTrue(true); }
    public function cases(): array { throw new RuntimeException('provider'); }
}
