<?php

namespace App\Http\Controllers;

use Illuminate\Http\JsonResponse;
use Illuminate\Http\Request;
use Illuminate\Http\Response;
use RuntimeException;
use Symfony\Component\HttpFoundation\Cookie;
use Symfony\Component\HttpFoundation\StreamedResponse;

class AnswerController
{
    /** An answer that is worth compressing. */
    public function books(): JsonResponse
    {
        return response()->json(array_map(
            fn (int $id): array => ['id' => $id, 'title' => "Book {$id}"],
            range(1, 200),
        ));
    }

    /** The cookies that came, and two more. */
    public function cookies(Request $request): JsonResponse
    {
        $came = $request->cookies->all();
        ksort($came);

        return response()->json((object) $came)
            ->withCookie(Cookie::create('theme', 'dark', httpOnly: false))
            ->withCookie(Cookie::create('visited', 'yes'));
    }

    /** An answer that takes its time. */
    public function slow(int $milliseconds): Response
    {
        usleep($milliseconds * 1000);

        return response('Done.')->header('Content-Type', 'text/plain; charset=UTF-8');
    }

    /** Five lines, one after the other. */
    public function stream(): StreamedResponse
    {
        return response()->stream(function (): void {
            foreach (range(1, 5) as $number) {
                echo "line {$number}\n";
                flush();
                usleep(100_000);
            }
        }, 200, ['Content-Type' => 'text/plain; charset=UTF-8']);
    }

    /** A defect. */
    public function broken(): never
    {
        throw new RuntimeException('This is the defect.');
    }
}
