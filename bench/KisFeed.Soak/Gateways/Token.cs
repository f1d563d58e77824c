using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using KisFeed.Feeds;

namespace KisFeed.Soak.Gateways;

/// <summary>A consumer of the token file, with its credentials.</summary>
internal sealed record Token(string Name, string AppKey, string AppSecret, bool Notices, bool IsOperator, bool IndicesOnly)
{
    private const int Count = 10;

    /// <summary>Creates the consumers: one operator, three with order notices, two with only one feed.</summary>
    public static Token[] CreateAll() =>
    [
        .. Enumerable.Range(0, Count).Select(i => new Token(
            string.Create(CultureInfo.InvariantCulture, $"soak{i}"),
            RandomNumberGenerator.GetString("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", 36),
            Convert.ToBase64String(RandomNumberGenerator.GetBytes(135)),
            Notices: i is 1 or 2 or 3,
            IsOperator: i == 0,
            IndicesOnly: i is 4 or 5)),
    ];

    /// <summary>The credentials for the header <c>Authorization</c>.</summary>
    public string Basic => Convert.ToBase64String(Encoding.ASCII.GetBytes($"{AppKey}:{AppSecret}"));

    public static void Write(string path, IEnumerable<Token> tokens)
    {
        using var file = new FileStream(path, FileMode.CreateNew);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var json = new Utf8JsonWriter(file);
        json.WriteStartObject();
        json.WriteNumber("version", 1);
        json.WriteStartArray("consumers");
        foreach (var token in tokens)
            token.Write(json);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("name", Name);
        json.WriteString("appKey", AppKey);
        json.WriteString("secretSha256", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(AppSecret))));
        if (IndicesOnly)
        {
            json.WriteStartArray("feeds");
            json.WriteStringValue(IndexTrade.Feed.TrId);
            json.WriteEndArray();
        }
        else
        {
            json.WriteString("feeds", "all");
        }

        json.WriteBoolean("notices", Notices);
        json.WriteBoolean("operator", IsOperator);
        json.WriteString("created", "2026-01-01T00:00:00Z");
        json.WriteEndObject();
    }
}
