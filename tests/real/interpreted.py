"""Small projects of our own in languages whose public ones cannot be had with their tests: Ruby,
PHP, TypeScript by vitest, Django by its own runner. The last two fetch what they stand on from the
indexes."""

from __future__ import annotations

from tests.real.packages import Ours
from tests.real.projects import Bug, Real

RUBY = Real(
    source=Ours(
        name="tally-ruby",
        files={
            ".rspec": "--require ./lib/tally\n",
            ".gitignore": "tmp/\n",
            "lib/tally.rb": "# Counts of things.\nclass Tally\n"
            "  def initialize(words) = @words = words\n\n"
            "  def counts\n    @words.map(&:downcase).tally\n  end\n\n"
            "  def most\n    counts.max_by { |word, count| [count, word] }&.first\n  end\nend\n",
            "spec/tally_spec.rb": "RSpec.describe Tally do\n"
            '  it("counts") { expect(Tally.new(%w[a b a]).counts).to eq({"a" => 2, "b" => 1}) }\n'
            '  it("knows the most") { expect(Tally.new(%w[a b a]).most).to eq("a") }\n'
            '  it("has none in nothing") { expect(Tally.new([]).most).to be_nil }\nend\n',
        },
    ),
    bugs=(
        Bug(
            title="Words are counted apart by their case",
            body='Tally.new(["A", "a"]).counts is {"A"=>1, "a"=>1}; it should be {"a"=>2}.',
            path="lib/tally.rb",
            right="@words.map(&:downcase).tally",
            wrong="@words.tally",
            test_path="spec/case_spec.rb",
            test_text='RSpec.describe "Tally by case" do\n'
            '  it("counts both") { expect(Tally.new(%w[A a]).counts).to eq({"a" => 2}) }\nend\n',
            tests=("spec/case_spec.rb::Tally by case counts both",),
            command="rspec spec/case_spec.rb",
            summary="Count words whatever their case",
            noticed=False,
        ),
    ),
    least=3,
    settings='[test]\ncommand = "rspec"\nreporter = "rspec"\n',
    check=("rspec",),
)
MINITEST = Real(
    source=Ours(
        name="turns-ruby",
        files={
            ".gitignore": "tmp/\n",
            "Rakefile": 'require "rake/testtask"\n\nRake::TestTask.new(:test) do |t|\n'
            '  t.libs << "lib" << "test"\n  t.pattern = "test/test_*.rb"\nend\n',
            "lib/turns.rb": "# Whose turn it is.\nmodule Turns\n"
            "  def self.next_of(names, name)\n"
            "    names[(names.index(name) + 1) % names.size]\n  end\nend\n",
            "test/test_turns.rb": 'require "minitest/autorun"\nrequire "turns"\n\n'
            "class TestTurns < Minitest::Test\n  def test_next\n"
            '    puts "it is the turn of:"\n'
            '    assert_equal "b", Turns.next_of(%w[a b c], "a")\n  end\nend\n',
        },
    ),
    bugs=(
        Bug(
            title="After the last one it is nobody's turn",
            body='Turns.next_of(%w[a b c], "c") is nil and should be "a".',
            path="lib/turns.rb",
            right="names[(names.index(name) + 1) % names.size]",
            wrong="names[names.index(name) + 1]",
            test_path="test/test_around.rb",
            test_text='require "minitest/autorun"\nrequire "turns"\n\n'
            "class TestAround < Minitest::Test\n  def test_around\n"
            '    assert_equal "a", Turns.next_of(%w[a b c], "c")\n  end\nend\n',
            tests=("TestAround#test_around",),
            command="rake test TEST=test/test_around.rb",
            summary="Begin again after the last one",
            noticed=False,
        ),
    ),
    least=1,
    settings='[test]\ncommand = "rake test"\nreporter = "minitest"\n',
    check=("rake", "test"),
)
PHP = Real(
    source=Ours(
        name="prices-php",
        files={
            "phpunit.xml": '<phpunit bootstrap="src/Price.php"><testsuites><testsuite name="all">'
            "<directory>tests</directory></testsuite></testsuites></phpunit>\n",
            ".gitignore": ".phpunit.result.cache\n",
            "src/Price.php": "<?php\n\nfinal class Price\n{\n"
            "    public static function show(int $cents): string\n    {\n"
            "        return sprintf('%d.%02d', intdiv($cents, 100), $cents % 100);\n    }\n\n"
            "    public static function sum(int ...$cents): int\n    {\n"
            "        return array_sum($cents);\n    }\n}\n",
            "tests/PriceTest.php": "<?php\n\nuse PHPUnit\\Framework\\TestCase;\n\n"
            "final class PriceTest extends TestCase\n{\n"
            "    /** @dataProvider amounts */\n"
            "    public function testShow(int $cents, string $shown): void\n    {\n"
            "        $this->assertSame($shown, Price::show($cents));\n    }\n\n"
            "    public function amounts(): array\n    {\n"
            "        return [[123, '1.23'], 'tens' => [250, '2.50']];\n    }\n\n"
            "    public function testSum(): void\n    {\n"
            "        $this->assertSame(6, Price::sum(1, 2, 3));\n    }\n}\n",
        },
    ),
    bugs=(
        Bug(
            title="Few cents are shown with one digit",
            body="Price::show(105) is '1.5' and should be '1.05'. 1.50 is shown well.",
            path="src/Price.php",
            right="'%d.%02d'",
            wrong="'%d.%d'",
            test_path="tests/FewCentsTest.php",
            test_text="<?php\n\nuse PHPUnit\\Framework\\TestCase;\n\n"
            "final class FewCentsTest extends TestCase\n{\n"
            "    public function testFewCents(): void\n    {\n"
            "        $this->assertSame('1.05', Price::show(105));\n    }\n}\n",
            tests=("tests/FewCentsTest.php::testFewCents",),
            command="phpunit --filter testFewCents",
            summary="Show cents with two digits",
            noticed=False,
        ),
    ),
    least=3,
    settings='[test]\ncommand = "phpunit"\nreporter = "phpunit"\n',
    check=("phpunit",),
)
TYPESCRIPT = Real(
    source=Ours(
        name="spans-ts",
        fetches=True,
        files={
            "package.json": '{\n  "name": "spans",\n  "private": true,\n  "type": "module",\n'
            '  "scripts": {"test": "tsc --noEmit && vitest run"},\n'
            '  "devDependencies": {"typescript": "^5", "vitest": "^3"}\n}\n',
            "tsconfig.json": '{"compilerOptions": {"strict": true, "module": "esnext", '
            '"moduleResolution": "bundler", "target": "es2022", "skipLibCheck": true, '
            '"types": []}, "include": ["src", "tests"]}\n',
            ".gitignore": "node_modules/\n",
            "src/spans.ts": "export interface Span {\n  from: number;\n  to: number;\n}\n\n"
            "/** Whether two spans have a point in common. */\n"
            "export function meets(a: Span, b: Span): boolean {\n"
            "  return a.from <= b.to && b.from <= a.to;\n}\n\n"
            "export const length = (a: Span): number => a.to - a.from;\n",
            "tests/spans.test.ts": 'import { expect, it } from "vitest";\n'
            'import { length, meets } from "../src/spans";\n\n'
            'it("measures", () => {\n  expect(length({ from: 2, to: 5 })).toBe(3);\n});\n\n'
            'it.each([[0, 1, false], [2, 9, true]])("meets %i to %i", (from, to, found) => {\n'
            "  expect(meets({ from: 2, to: 5 }, { from, to })).toBe(found);\n});\n",
        },
    ),
    bugs=(
        Bug(
            title="Spans that share an end do not meet",
            body="meets({from: 1, to: 2}, {from: 2, to: 3}) is false; the point 2 is in both.",
            path="src/spans.ts",
            right="a.from <= b.to && b.from <= a.to",
            wrong="a.from < b.to && b.from < a.to",
            test_path="tests/ends.test.ts",
            test_text='import { expect, it } from "vitest";\n'
            'import { meets } from "../src/spans";\n\n'
            'it("meets at an end", () => {\n'
            "  expect(meets({ from: 1, to: 2 }, { from: 2, to: 3 })).toBe(true);\n});\n",
            tests=("tests/ends.test.ts::meets at an end",),
            command="npx vitest run tests/ends.test.ts",
            summary="Let spans meet at their ends",
            noticed=False,
        ),
    ),
    least=3,
    check=("sh", "-c", "npm install --silent && npm test"),
)
DJANGO = Real(
    source=Ours(
        name="guests-django",
        fetches=True,
        files={
            "requirements.txt": "Django>=4.2,<6\n",
            ".gitignore": ".venv/\n__pycache__/\n*.sqlite3\n",
            "manage.py": 'import os\nimport sys\n\nif __name__ == "__main__":\n'
            '    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_.settings")\n'
            "    from django.core.management import execute_from_command_line\n\n"
            "    execute_from_command_line(sys.argv)\n",
            "site_/__init__.py": "",
            "site_/settings.py": 'SECRET_KEY = "tests"\nINSTALLED_APPS = ["guests"]\n'
            'HERE = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}\n'
            'DATABASES = {"default": HERE}\n'
            'DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"\nUSE_TZ = True\n'
            'ROOT_URLCONF = "guests.urls"\n',
            "guests/__init__.py": "",
            "guests/urls.py": "from django.urls import path\n\nfrom guests import views\n\n"
            'urlpatterns = [path("coming", views.coming)]\n',
            "guests/views.py": "from django.http import JsonResponse\n\n"
            "from guests.models import Guest\n\n\ndef coming(request):\n"
            '    return JsonResponse({"names": Guest.coming()})\n',
            "guests/models.py": "from django.db import models\n\n\nclass Guest(models.Model):\n"
            "    name = models.CharField(max_length=80)\n"
            "    answer = models.BooleanField(null=True)\n\n    @classmethod\n"
            "    def coming(cls):\n"
            '        found = cls.objects.filter(answer=True).order_by("name")\n'
            '        return list(found.values_list("name", flat=True))\n',
            "guests/migrations/__init__.py": "",
            "guests/migrations/0001_initial.py": "from django.db import migrations, models\n\n\n"
            "class Migration(migrations.Migration):\n    initial = True\n    operations = [\n"
            '        migrations.CreateModel("Guest", [\n'
            '            ("id", models.BigAutoField(primary_key=True)),\n'
            '            ("name", models.CharField(max_length=80)),\n'
            '            ("answer", models.BooleanField(null=True)),\n        ]),\n    ]\n',
            "guests/tests/__init__.py": "",
            "guests/tests/test_guests.py": "from django.test import TestCase\n\n"
            "from guests.models import Guest\n\n\nclass Coming(TestCase):\n"
            '    def setUp(self):\n        Guest.objects.create(name="Bob", answer=True)\n'
            '        Guest.objects.create(name="Ada", answer=True)\n\n'
            "    def test_in_order(self):\n"
            '        self.assertEqual(Guest.coming(), ["Ada", "Bob"])\n\n'
            "    def test_page(self):\n"
            '        self.assertEqual(self.client.get("/coming").json(), '
            '{"names": ["Ada", "Bob"]})\n',
        },
    ),
    bugs=(
        Bug(
            title="Who has not answered is said to come",
            body="A guest without an answer (answer is None) is in the list of those who come.",
            path="guests/models.py",
            right="cls.objects.filter(answer=True)",
            wrong="cls.objects.exclude(answer=False)",
            test_path="guests/tests/test_silent.py",
            test_text="from django.test import TestCase\n\nfrom guests.models import Guest\n\n\n"
            "class Silent(TestCase):\n    def test_no_answer(self):\n"
            '        Guest.objects.create(name="Cy")\n'
            "        self.assertEqual(Guest.coming(), [])\n",
            tests=("guests/tests/test_silent.py::Silent::test_no_answer",),
            command="python3 manage.py test guests.tests.test_silent",
            summary="Name only those who said that they come",
            noticed=False,
        ),
    ),
    least=2,
    check=(
        "sh",
        "-c",
        "python3 -m venv .venv && .venv/bin/pip install -q -r requirements.txt "
        "&& .venv/bin/python manage.py test",
    ),
)
INTERPRETED = (RUBY, MINITEST, PHP, TYPESCRIPT, DJANGO)
