namespace KisFeed.Wire;

/// <summary>Whose app key it is (<c>custtype</c>).</summary>
public enum CustomerType
{
    /// <summary>P: a person (개인).</summary>
    Person,

    /// <summary>B: a company (법인).</summary>
    Business,
}
