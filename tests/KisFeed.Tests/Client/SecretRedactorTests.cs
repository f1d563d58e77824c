using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using KisFeed.Diagnostics;

namespace KisFeed.Tests.Client;

/// <summary>A secret that a server repeats is redacted, however it is escaped and truncated.</summary>
public sealed partial class SecretRedactorTests
{
    private const int MinPartLength = 9;
    private const int Runs = 20_000;

    private const string AppKey = "PSg7Hq2LmZx9Rt4KcVb1Nw8JdFy6Ts3Pae5U";
    private const string AppSecret = "yM+4/tQ9zKf1wXo7Rv2B+hJ/c8Ln5Gd3Ep6Sa0Ui+Yx/Tm4Wk9Zq7Hb2==";

    private static readonly Func<string, string>[] s_escapes =
    [
        text => text,
        text => JsonSerializer.Serialize(text)[1..^1],
        text => ReplaceEach(text, c => $"\\u{(int)c:x4}"),
        text => ReplaceEach(text, c => $"\\x{(int)c:X2}"),
        text => text.Replace("/", "\\/", StringComparison.Ordinal),
        Uri.EscapeDataString,
        text => ReplaceEach(text, c => $"%{(int)c:x2}"),
        WebUtility.HtmlEncode,
        text => ReplaceEach(text, c => $"&#{(int)c};"),
        text => ReplaceEach(text, c => $"&#x{(int)c:X};"),
        text => text.Replace("+", "&plus;", StringComparison.Ordinal).Replace("/", "&sol;", StringComparison.Ordinal)
            .Replace("=", "&equals;", StringComparison.Ordinal),
        text => text.Replace("\\", "\\\\", StringComparison.Ordinal),
        text => text.ToUpperInvariant(),
    ];

    private readonly SecretRedactor _redactor = new(AppKey, AppSecret);

    [Fact]
    public void No_nine_consecutive_characters_of_a_secret_remain()
    {
        var random = new Random(TestRun.Seed);
        for (var run = 0; run < TestRun.Of(Runs); run++)
        {
            var echo = Echo(random);
            foreach (var text in new[] { _redactor.Apply(echo), _redactor.ApplyKnown(echo) })
                ShouldContainNoSecret(text, $"seed {TestRun.Seed}, run {run}: {echo} became {text}");
        }
    }

    [Theory]
    [InlineData("bad secret yM\\u002B4/tQ9zKf", "bad secret ***")]
    [InlineData("bad secret yM%2B4%2FtQ9zK, try again", "bad secret ***, try again")]
    [InlineData("bad secret yM&#43;4/tQ9zK; x", "bad secret ***; x")]
    [InlineData("yM+4/tQ9 is short enough to stay", "yM+4/tQ9 is short enough to stay")]
    [InlineData("100% sure & \\certain", "100% sure & \\certain")]
    [InlineData("a line\r\n12:00:00 critical: forged \u001b[31mred\u202e", "a line  12:00:00 critical: forged \uFFFD[31mred\uFFFD")]
    public void Texts(string text, string expected) => _redactor.Apply(text).ShouldBe(expected);

    [Fact]
    public void An_exception_that_contains_a_secret_is_not_kept_as_a_cause()
    {
        var harmless = new HttpRequestException("refused", new IOException("connection reset"));
        _redactor.CauseOf(harmless).ShouldBe(harmless);
        _redactor.CauseOf(new HttpRequestException("refused", new IOException($"'{AppSecret[..12]}' is not HTTP"))).ShouldBeNull();
        _redactor.CauseOf(new HttpRequestException("not HTTP: \u001b[2J")).ShouldBeNull();
        _redactor.CauseOf(null).ShouldBeNull();
    }

    // The body of a request, escaped up to three times and truncated at both ends or in the middle.
    private static string Echo(Random random)
    {
        var body = JsonSerializer.Serialize(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = "client_credentials",
            ["appkey"] = AppKey,
            ["secretkey"] = AppSecret,
        });
        if (random.Next(2) == 0)
            body = $"{AppSecret}{AppKey}";
        var (from, to) = (random.Next(body.Length), random.Next(body.Length));
        body = body[Math.Min(from, to)..Math.Max(from, to)];
        for (var layers = random.Next(4); layers > 0; layers--)
            body = s_escapes[random.Next(s_escapes.Length)](body);
        if (random.Next(3) == 0 && body.Length > 0)
            body = body.Insert(random.Next(body.Length), random.Next(2) == 0 ? "\n" : "…");
        if (random.Next(3) == 0)
            body = body[..random.Next(body.Length + 1)];
        return $"{new string('x', random.Next(4))}{body} is wrong";
    }

    private static void ShouldContainNoSecret(string text, string run)
    {
        HashSet<string> seen = [];
        Queue<string> texts = new([text]);
        while (texts.TryDequeue(out var next))
        {
            if (!seen.Add(next) || seen.Count > 100)
                continue;
            foreach (var secret in new[] { AppKey, AppSecret })
            {
                for (var i = 0; i + MinPartLength <= secret.Length; i++)
                    next.Contains(secret.Substring(i, MinPartLength), StringComparison.OrdinalIgnoreCase).ShouldBeFalse(run);
            }

            texts.Enqueue(JsonEscape().Replace(
                next,
                match => ((char)int.Parse(match.Groups["code"].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture))
                    .ToString()));
            texts.Enqueue(next.Replace("\\\\", "\\", StringComparison.Ordinal).Replace("\\/", "/", StringComparison.Ordinal));
            texts.Enqueue(Uri.UnescapeDataString(next));
            texts.Enqueue(WebUtility.HtmlDecode(next));
        }
    }

    private static string ReplaceEach(string text, Func<char, string> escape) => string.Concat(text.Select(escape));

    [GeneratedRegex(@"\\u(?<code>[0-9A-Fa-f]{4})", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex JsonEscape();
}
