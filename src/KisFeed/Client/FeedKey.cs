using System.Text;
using KisFeed.Wire;

namespace KisFeed;

/// <summary>What a key must be, whatever its feed.</summary>
internal static class FeedKey
{
    /// <summary>Refuses what cannot be a key.</summary>
    /// <exception cref="ArgumentException">The key is empty, or has blanks around it or control characters in it.</exception>
    public static void Validate(FeedSchema feed, string key)
    {
        if (string.IsNullOrWhiteSpace(key))
            throw new ArgumentException($"{feed.TrId} needs a key: {feed.KeyMeaning}, e.g. {feed.KeyExample}", nameof(key));

        // The service takes such a key, or waits for the end of it, and none of its frames would ever be found to be of it.
        if (char.IsWhiteSpace(key[0]) || char.IsWhiteSpace(key[^1]) || key.EnumerateRunes().Any(r => Rune.IsControl(r) || r == Rune.ReplacementChar))
            throw new ArgumentException($"a key of {feed.TrId} has no blanks around it and no control or broken characters in it: {feed.KeyMeaning}, e.g. {feed.KeyExample}", nameof(key));
    }
}
