using System.Collections.Concurrent;

namespace KisFeed.Tests.Client;

/// <summary>Searches texts for secrets in plain, base64, hexadecimal and URL-encoded form.</summary>
internal sealed class SecretSearch
{
    private readonly ConcurrentDictionary<string, string> _needles = new(StringComparer.Ordinal);

    public void Add(string name, string secret)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(secret);
        _needles[Uri.EscapeDataString(secret)] = $"{name}, URL-encoded";
        _needles[secret] = name; // Last, because the keys may be equal.
        _needles[Convert.ToHexString(bytes)] = $"{name}, hexadecimal";

        // Inside a longer encoded text, the digits of the secret depend on its position.
        for (var offset = 0; offset < 3; offset++)
        {
            var encoded = Convert.ToBase64String([.. new byte[offset], .. bytes]);
            var begin = ((offset * 8) + 5) / 6;
            var end = (offset + bytes.Length) * 8 / 6;
            _needles[encoded[begin..end]] = $"{name}, base64";
        }
    }

    /// <summary>Returns the name and the form of each secret found.</summary>
    public IEnumerable<string> FindIn(string text) =>
        _needles.Where(n => text.Contains(n.Key, StringComparison.OrdinalIgnoreCase)).Select(n => n.Value);

    public void ShouldFindNothingIn(IEnumerable<string> texts)
    {
        foreach (var text in texts)
            FindIn(text).ShouldBeEmpty(text);
    }
}
