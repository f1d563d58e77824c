namespace KisFeed.Hosting.Configuration;

/// <summary>What a source says of an option.</summary>
/// <param name="Text">The value as written. May be secret.</param>
/// <param name="Where">The place, for people: a key, a variable, a file and its key.</param>
internal readonly record struct SourceValue(string Text, string Where)
{
    public override string ToString() => Where;
}
