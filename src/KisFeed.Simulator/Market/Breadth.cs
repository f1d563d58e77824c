namespace KisFeed.Simulator.Market;

/// <summary>
/// The number of stocks of an index that are up, unchanged and down. The five counts are disjoint: an issue at its limit is
/// counted only there. They sum to the listed issues. Issues at a limit opened there and stay all day, so that the other
/// three counts have a constant sum too.
/// </summary>
internal sealed class Breadth(int issues, ulong seed)
{
    // The return at which about three quarters of the moving stocks move in its direction.
    private const double TypicalReturn = 0.006;

    private readonly ulong _seed = StableHash.Combine(seed, "breadth");
    private readonly NoisePath _lean = new(StableHash.Combine(seed, "lean"));
    private readonly NoisePath _quiet = new(StableHash.Combine(seed, "quiet"));
    private int _quotedUp;
    private int _quotedDown;

    public int UpperLimit { get; private set; }

    public int Advancing { get; private set; }

    public int Unchanged { get; private set; }

    public int Declining { get; private set; }

    public int LowerLimit { get; private set; }

    /// <summary>Advancing issues that have only been quoted so far.</summary>
    public int QuotedUp => Math.Min(_quotedUp, Advancing);

    /// <summary>Declining issues that have only been quoted so far.</summary>
    public int QuotedDown => Math.Min(_quotedDown, Declining);

    public void BeginDay(DateOnly day)
    {
        var random = new SeededRandom(StableHash.Combine(_seed, day.DayNumber));
        UpperLimit = random.Next(0, issues / 150);
        LowerLimit = random.Next(0, issues / 400);
        _quotedUp = random.Next(0, issues / 200);
        _quotedDown = random.Next(0, issues / 200);
    }

    /// <summary>Updates the counts from the return of the index since its previous close.</summary>
    public void Follow(in MarketMoment moment, double indexReturn)
    {
        var movable = issues - UpperLimit - LowerLimit;
        var strength = (indexReturn / TypicalReturn) + (0.3 * _lean.At(moment));
        var advancingShare = 0.5 + (0.5 * strength / (1 + Math.Abs(strength)));
        var unchangedShare = 0.06 + (0.005 * _quiet.At(moment));
        Unchanged = (int)Math.Round(movable * unchangedShare);
        Advancing = (int)Math.Round((movable - Unchanged) * advancingShare);
        Declining = movable - Unchanged - Advancing;
    }
}
