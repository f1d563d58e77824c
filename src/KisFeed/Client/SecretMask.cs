namespace KisFeed;

/// <summary>Takes secrets out of what a server says: one that repeats what it was sent must not bring it into a log or an exception.</summary>
internal sealed class SecretMask(params string[] secrets)
{
    public string Apply(string text)
    {
        foreach (var secret in secrets)
            text = text.Replace(secret, "***", StringComparison.Ordinal);
        return text;
    }
}
