namespace KisFeed.Hosting.Configuration;

/// <summary>An option that is one value: how it is read from text, and written as text.</summary>
/// <param name="Name">The option as sections name it.</param>
/// <param name="Expected">What a value may be, for people.</param>
/// <param name="Read">The options with the value; <see langword="null"/> where the text is no value of this option.</param>
/// <param name="Show">The value as text; <see langword="null"/> where there is none.</param>
internal sealed record OptionRow(string Name, string Expected, Func<KisFeedOptions, string, KisFeedOptions?> Read, Func<KisFeedOptions, string?> Show)
{
    /// <summary>What tells two values apart, where their texts do not. Default: their texts.</summary>
    public Func<KisFeedOptions, object?>? Identity { get; init; }

    /// <summary>Whether the value is kept out of messages and explanations.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Whether both options have the same value.</summary>
    public bool IsSame(KisFeedOptions one, KisFeedOptions other) => Identity is { } identity ? Equals(identity(one), identity(other)) : Show(one) == Show(other);
}
