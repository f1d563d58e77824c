namespace KisFeed.Simulator.Market;

/// <summary>The initial data of a bond.</summary>
/// <param name="Code">The standard code.</param>
/// <param name="Name">The Korean name: issuer, coupon, maturity, series.</param>
/// <param name="Coupon">The coupon in thousandths of a percent per year, paid half-yearly.</param>
/// <param name="Maturity">The maturity date.</param>
/// <param name="Yield">The yield at the previous close of the first day, in percent.</param>
internal sealed record BondListing(string Code, string Name, int Coupon, DateOnly Maturity, double Yield)
{
    private const string TreasuryPrefix = "KR10350";

    private const int CouponStep = 125;

    private static readonly string[] Issuers = ["한국전력", "한국도로공사", "한국토지주택", "기업은행", "산업은행", "주택금융공사", "신한은행", "현대카드", "SK", "LG화학"];

    /// <summary>The listed treasury bonds (국고채권). Yields are plausible for late 2026 but invented.</summary>
    public static IReadOnlyList<BondListing> All { get; } =
    [
        Treasury("KR103502GD31", 3_250, 2053, 3, "23-2", 3.512),
        Treasury("KR103502GA34", 1_500, 2050, 3, "20-2", 3.498),
        Treasury("KR103502GG61", 3_125, 2029, 6, "26-4", 3.214),
        Treasury("KR103501GG39", 3_250, 2031, 3, "26-1", 3.417),
        Treasury("KR103501GG62", 3_500, 2036, 6, "26-5", 3.601),
        Treasury("KR103501GF63", 2_625, 2035, 6, "25-5", 3.588),
        Treasury("KR103501GE64", 3_500, 2034, 6, "24-5", 3.570),
        Treasury("KR103501GD65", 3_250, 2033, 6, "23-5", 3.552),
        Treasury("KR103502GE30", 3_250, 2054, 3, "24-2", 3.508),
        Treasury("KR103502GF39", 2_625, 2055, 3, "25-2", 3.501),
        Treasury("KR103501GG96", 3_500, 2046, 9, "26-8", 3.596),
        Treasury("KR103502GE97", 2_750, 2074, 9, "24-8", 3.402),
    ];

    /// <summary>Generates an unlisted bond from the seed; a treasury bond if the code is that of one.</summary>
    public static BondListing Generate(string code, ulong seed)
    {
        var random = new SeededRandom(StableHash.Combine(seed, "listing"));
        var treasury = code.StartsWith(TreasuryPrefix, StringComparison.Ordinal);
        var years = treasury ? random.Next(3, 30) : random.Next(2, 8);
        var coupon = random.Next(12, 36) * CouponStep;
        var yield = 2.9 + (0.02 * years) + random.NextBetween(-0.1, 0.1) + (treasury ? 0 : 0.35);
        var series = random.Next(1, 9);
        var month = random.Next(1, 12);
        return treasury
            ? Treasury(code, coupon, 2026 + years, month, $"26-{series}", yield)
            : new BondListing(
                code, $"{Issuers[random.Next(0, Issuers.Length - 1)]}{random.Next(100, 1_400)}-{series}", coupon,
                new DateOnly(2026 + years, month, 10), yield);
    }

    private static BondListing Treasury(string code, int coupon, int year, int month, string series, double yield) =>
        new(code, $"국고{coupon:D5}-{year % 100:D2}{month:D2}({series})", coupon, new DateOnly(year, month, 10), yield);
}
