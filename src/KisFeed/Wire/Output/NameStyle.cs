namespace KisFeed.Wire;

/// <summary>Which names columns bear in JSON and CSV.</summary>
public enum NameStyle
{
    /// <summary>The English names of the record types, in camel case; codes by their English names.</summary>
    English,

    /// <summary>The element names exactly as the broker's documents spell them; codes as sent.</summary>
    Kis,
}
