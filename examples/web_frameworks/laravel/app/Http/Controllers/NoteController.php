<?php

namespace App\Http\Controllers;

use Illuminate\Http\JsonResponse;
use Illuminate\Http\Request;
use Illuminate\Http\Response;

class NoteController
{
    /** A JSON body. */
    public function store(Request $request): JsonResponse
    {
        return response()->json(['id' => 1, 'title' => $request->json('title')], 201);
    }

    /** An answer without a body. */
    public function destroy(int $note): Response
    {
        return response()->noContent();
    }
}
