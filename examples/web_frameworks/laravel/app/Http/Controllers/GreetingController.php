<?php

namespace App\Http\Controllers;

use Illuminate\Http\JsonResponse;
use Illuminate\Http\RedirectResponse;
use Illuminate\Http\Request;
use Illuminate\Http\Response;
use Symfony\Component\HttpFoundation\Cookie;

class GreetingController
{
    /** A route parameter. */
    public function hello(string $name): Response
    {
        return response("Hello, {$name}!")->header('Content-Type', 'text/plain; charset=UTF-8');
    }

    /** A form: remember the name in a cookie and go to its greeting. */
    public function greet(Request $request): RedirectResponse
    {
        $name = rawurlencode($request->input('name'));

        return redirect("/hello/{$name}", 303)
            ->withCookie(Cookie::create('name', $request->input('name')));
    }

    /** A query, with a key that may come again: PHP itself keeps the last value alone. */
    public function search(Request $request): JsonResponse
    {
        $tags = [];
        foreach (explode('&', $request->server('QUERY_STRING', '')) as $pair) {
            [$key, $value] = explode('=', $pair, 2) + [1 => ''];
            if (urldecode($key) === 'tag') {
                $tags[] = urldecode($value);
            }
        }

        return response()->json(['q' => $request->query('q', ''), 'tags' => $tags]);
    }
}
