<?php
use PHPUnit\Framework\TestCase;

final class SumTest extends TestCase
{
    public function testAdds(): void { $this->assertSame(2, 1 + 1); }
    public function testTakes(): void { $this->assertSame(1, 3 - 1); }
    public function testThrows(): void { throw new TypeError('no'); }
    public function testLater(): void { $this->markTestSkipped('not here'); }
    public function testPlanned(): void { $this->markTestIncomplete('by and by'); }
    public function testNothing(): void { }
    public function testPrints(): void { echo '</testcase><testcase name="forged"/>'; $this->assertTrue(true); }
    public function testWarns(): void { trigger_error('careful', E_USER_WARNING); }
    /** @depends testTakes */
    public function testNeedsAnother(): void { $this->assertTrue(true); }
    /** @dataProvider cases */
    public function testCases(int $a, int $b): void { $this->assertSame($b, $a + 1); }
    public function cases(): array
    {
        return [[1, 2], 'named' => [2, 3], "odd <&> \"name\"\n\e[31m \u{202e}ユ [x]::y#z" => [3, 5]];
    }
    /** @test */
    public function it_is_marked(): void { $this->assertTrue(true); }
}
