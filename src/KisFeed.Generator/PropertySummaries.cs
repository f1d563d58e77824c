using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace KisFeed.Generator;

/// <summary>
/// What properties mean that several records have: the generated part of a property gets this documentation, unless the record states its
/// own. A name has the same meaning in all records.
/// </summary>
internal static class PropertySummaries
{
    private static readonly Dictionary<string, string> s_summaries = new(StringComparer.Ordinal)
    {
        ["Acceptance"] = "The state of the order at the exchange.",
        ["AccountName"] = "The name of the account.",
        ["AccountNumber"] = "The account number.",
        ["AccumulatedValue"] = "The value traded today.",
        ["AccumulatedVolume"] = "The volume traded today.",
        ["Action"] = "New, amendment or cancellation.",
        ["AskPrice"] = "The best offer; zero if there is none.",
        ["AskQuantity"] = "The quantity of the best offer.",
        ["Asks"] = "The offers, the lowest price first.",
        ["AveragePrice"] = "The volume-weighted average price of the day.",
        ["BidPrice"] = "The best bid; zero if there is none.",
        ["BidQuantity"] = "The quantity of the best bid.",
        ["Bids"] = "The bids, the highest price first.",
        ["BranchNumber"] = "The number of the branch.",
        ["BuyRate"] = "The share of the volume that buy orders caused.",
        ["BuyTradeCount"] = "The number of trades today that a buy order caused.",
        ["BuyVolume"] = "The volume traded today that buy orders caused.",
        ["Change"] = "The change against the previous close, signed.",
        ["ChangeRate"] = "The change against the previous close in percent, signed.",
        ["CustomerId"] = "The customer's ID: the HTS ID.",
        ["Delta"] = "The delta.",
        ["Disparity"] = "The price minus the theoretical price (괴리도).",
        ["DisparityRate"] = "The price relative to the theoretical price (괴리율).",
        ["DynamicLowerLimit"] = "The lowest price at which orders are accepted now.",
        ["DynamicUpperLimit"] = "The highest price at which orders are accepted now.",
        ["ExpectedChange"] = "The expected price against the previous close, signed.",
        ["ExpectedChangeRate"] = "The expected price against the previous close in percent, signed.",
        ["ExpectedMarketOperation"] = "The state of the market for the expected price.",
        ["ExpectedPrice"] = "The expected price of the call auction.",
        ["ExpectedQuantity"] = "The expected quantity of the call auction.",
        ["ExpectedSign"] = "The direction of <see cref=\"ExpectedChange\"/>.",
        ["ExpectedVolume"] = "The expected volume of the call auction.",
        ["FillPrice"] =
            "The price of the fill; in a notice that is not a fill, the price of the order. The digits as sent: no scale is documented.",
        ["Gamma"] = "The gamma.",
        ["HasDynamicLimit"] = "Whether the dynamic price limit is in force.",
        ["High"] = "Today's highest price.",
        ["HighChange"] = "The last price against the highest price.",
        ["HighSign"] = "The direction of <see cref=\"HighChange\"/>.",
        ["HighTime"] = "The time of the highest price.",
        ["ImpliedVolatility"] = "The implied volatility.",
        ["IntrinsicValue"] = "The intrinsic value.",
        ["IsHalted"] = "Whether trading is halted.",
        ["Kind"] = "Whether this notice is about an order or a fill.",
        ["LocalDate"] = "The date at the exchange.",
        ["LocalTime"] = "The time at the exchange.",
        ["Low"] = "Today's lowest price.",
        ["LowChange"] = "The last price against the lowest price.",
        ["LowSign"] = "The direction of <see cref=\"LowChange\"/>.",
        ["LowTime"] = "The time of the lowest price.",
        ["MarketBasis"] = "The price minus that of the underlying.",
        ["MarketOperation"] = "The session and the kind of the trade.",
        ["NetBuyTradeCount"] = "The trades that buy orders caused minus those that sell orders caused.",
        ["Open"] = "Today's opening price.",
        ["OpenChange"] = "The last price against the opening price.",
        ["OpenInterest"] = "The number of open contracts.",
        ["OpenInterestChange"] = "The change of the open contracts against the previous day.",
        ["OpenInterestTickChange"] = "The change of the open contracts since the previous update.",
        ["OpenSign"] = "The direction of <see cref=\"OpenChange\"/>.",
        ["OpenTime"] = "The time of the opening price.",
        ["OrderNumber"] = "The number of the order.",
        ["OrderQuantity"] = "What was ordered.",
        ["OriginalOrderNumber"] = "The number of the order that this one amends or cancels.",
        ["Phase"] = "The part of the trading day, and whether prices are expected ones.",
        ["Premium"] = "The premium.",
        ["PreviousVolumeAtTime"] = "The volume of the previous day up to the same time.",
        ["PreviousVolumeAtTimeRate"] = "Today's volume relative to that of the previous day up to the same time.",
        ["Price"] = "The price of the last trade.",
        ["PriceScale"] = "The number of decimal places of prices. Prices are sent with them.",
        ["Refusal"] = "Whether the order was refused.",
        ["Rho"] = "The rho.",
        ["SellTradeCount"] = "The number of trades today that a sell order caused.",
        ["SellVolume"] = "The volume traded today that sell orders caused.",
        ["Session"] = "The session of the market.",
        ["Sign"] = "The direction of <see cref=\"Change\"/>.",
        ["TheoreticalBasis"] = "The theoretical price minus that of the underlying.",
        ["TheoreticalPrice"] = "The theoretical price.",
        ["Theta"] = "The theta.",
        ["Time"] = "The time of the event, Korea time.",
        ["TimeValue"] = "The time value.",
        ["TotalAskOrders"] = "The number of all offers.",
        ["TotalAskQuantity"] = "The quantity of all offers.",
        ["TotalAskQuantityChange"] = "The change of <see cref=\"TotalAskQuantity\"/> since the previous update.",
        ["TotalBidOrders"] = "The number of all bids.",
        ["TotalBidQuantity"] = "The quantity of all bids.",
        ["TotalBidQuantityChange"] = "The change of <see cref=\"TotalBidQuantity\"/> since the previous update.",
        ["TradeStrength"] = "The volume that buy orders traded relative to the volume that sell orders traded (체결강도).",
        ["TurnoverRate"] = "The volume traded today relative to the listed quantity.",
        ["Vega"] = "The vega.",
        ["Volume"] = "The volume of this trade.",
        ["VolumeRate"] = "Today's volume relative to that of the previous day.",
    };

    /// <summary>The summary of a property; <see langword="null"/> if it has its own documentation, or none is known.</summary>
    public static string? Of(string name, SyntaxNode property) =>
        !IsDocumented(property) && s_summaries.TryGetValue(name, out var summary) ? summary : null;

    private static bool IsDocumented(SyntaxNode property) =>
        property.GetLeadingTrivia().Any(trivia => trivia.IsKind(SyntaxKind.SingleLineDocumentationCommentTrivia));
}
