namespace KisFeed.Feeds;

/// <summary>What a group of programs sold and bought today. What the feed does not have for the group is <see langword="null"/>.</summary>
[ColumnGroup]
public readonly partial record struct ProgramFlow
{
    /// <summary>The volume sold.</summary>
    public long? SellVolume { get; init; }

    /// <summary><see cref="SellVolume"/> relative to the volume of the market, in percent.</summary>
    public decimal? SellVolumeRate { get; init; }

    /// <summary>The value sold.</summary>
    public long? SellValue { get; init; }

    /// <summary><see cref="SellValue"/> relative to the value of the market, in percent.</summary>
    public decimal? SellValueRate { get; init; }

    /// <summary>The volume bought.</summary>
    public long? BuyVolume { get; init; }

    /// <summary><see cref="BuyVolume"/> relative to the volume of the market, in percent.</summary>
    public decimal? BuyVolumeRate { get; init; }

    /// <summary>The value bought.</summary>
    public long? BuyValue { get; init; }

    /// <summary><see cref="BuyValue"/> relative to the value of the market, in percent.</summary>
    public decimal? BuyValueRate { get; init; }

    /// <summary>The volume bought minus the volume sold.</summary>
    public long? NetVolume { get; init; }

    /// <summary><see cref="NetVolume"/> relative to the volume of the market, in percent.</summary>
    public decimal? NetVolumeRate { get; init; }

    /// <summary>The value bought minus the value sold.</summary>
    public long? NetValue { get; init; }

    /// <summary><see cref="NetValue"/> relative to the value of the market, in percent.</summary>
    public decimal? NetValueRate { get; init; }
}
